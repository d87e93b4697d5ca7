internal import Files
internal import Glibc

// The program: everything else hangs below the command line.
//
// Keys and clear personal data pass through this process's memory.
Files.forbidMemoryDumps()
Files.forbidCrashReports()
Files.shareMemoryBetweenThreads()
// A reader that went away (`| head`) breaks no run: what is left to say is said to nobody.
signal(SIGPIPE, SIG_IGN)
exit(CommandLineInterface.run(Array(CommandLine.arguments.dropFirst())).rawValue)
