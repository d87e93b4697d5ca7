internal import Files
internal import Glibc

// Keys and clear personal data pass through this process's memory.
Files.forbidMemoryDumps()
exit(CommandLineInterface.run(Array(CommandLine.arguments.dropFirst())).rawValue)
