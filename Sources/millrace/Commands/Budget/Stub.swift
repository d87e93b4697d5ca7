enum BudgetAttribution { static func run(_ c: BudgetContext) throws -> ExitCode { .ok } }
enum BudgetBackTest { static func run(_ c: BudgetContext) throws -> ExitCode { .ok } }
