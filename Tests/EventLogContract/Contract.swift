// Contract test kit of EventLog: the owner fills it.
