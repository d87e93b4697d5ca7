internal import Files
internal import Glibc

// The program: everything else hangs below the command line.
//
// Keys and clear personal data pass through this process's memory.
Files.forbidMemoryDumps()
Files.shareMemoryBetweenThreads()
exit(CommandLineInterface.run(Array(CommandLine.arguments.dropFirst())).rawValue)
