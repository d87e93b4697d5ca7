import Entity
import Events
import Foundation
import TestSupport
import Wire

/// The published contract, compiled by `protoc`, read with our own wire reader.
struct PublishedContract {
  struct Message {
    var name = ""
    var fields: [Field] = []
    var oneofs: [String] = []
  }

  struct Field {
    var name = ""
    var number: Int32 = 0
    var label: Int32 = 0
    var type: Int32 = 0
    var typeName = ""
    var oneof: Int32?
    var isOptional: Int32 = 0
  }

  struct Enumeration {
    var name = ""
    var values: [(name: String, number: Int32)] = []
  }

  var messages: [Message] = []
  var enumerations: [Enumeration] = []

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let protoc = ["/usr/bin/protoc", "/usr/local/bin/protoc", "/opt/homebrew/bin/protoc"]
    .first(where: FileManager.default.isExecutableFile(atPath:))

  /// Compiles the contract into `folder` and answers where the descriptor set lies.
  static func compile(into folder: String) throws -> String {
    let output = folder + "/descriptors.pb"
    try run(
      protoc ?? "protoc",
      [
        "--proto_path=\(root.path)/proto", "--descriptor_set_out=\(output)", "--include_imports",
        "\(root.path)/proto/millrace/v1/event.proto",
      ])
    return output
  }

  // Numbers of google/protobuf/descriptor.proto.
  init(descriptorSet path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let span = bytes.span
    var reader = try WireReader(span)
    while let tag = try reader.next(span) {
      guard tag.field == 1 else {
        try reader.skip(tag, span)
        continue
      }
      let outer = try reader.enter(tag, span)
      // Imports are files of their own; the words that options are written in are no part of what events say.
      var (file, package) = ("", "")
      while let tag = try reader.next(span) {
        let isContract = package == "millrace.v1" && file != "millrace/v1/options.proto"
        switch tag.field {
        case 1: try reader.string(&file, tag, span)
        case 2: try reader.string(&package, tag, span)
        case 4...5 where !isContract: try reader.skip(tag, span)
        case 4:
          var message = Message()
          let outer = try reader.enter(tag, span)
          try message.read(&reader, span)
          reader.leave(outer)
          messages.append(message)
        case 5:
          var enumeration = Enumeration()
          let outer = try reader.enter(tag, span)
          try enumeration.read(&reader, span)
          reader.leave(outer)
          enumerations.append(enumeration)
        default: try reader.skip(tag, span)
        }
      }
      reader.leave(outer)
    }
  }

  /// Runs a program to its end; an exit code other than 0 is an error.
  static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(program: program, status: process.terminationStatus) }
  }

  struct Failed: Error {
    var program: String
    var status: Int32
  }
}

extension PublishedContract.Message {
  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch tag.field {
      case 1: try reader.string(&name, tag, bytes)
      case 2:
        var field = PublishedContract.Field()
        let outer = try reader.enter(tag, bytes)
        try field.read(&reader, bytes)
        reader.leave(outer)
        fields.append(field)
      case 8:
        var oneof = ""
        let outer = try reader.enter(tag, bytes)
        while let tag = try reader.next(bytes) {
          if tag.field == 1 { try reader.string(&oneof, tag, bytes) } else { try reader.skip(tag, bytes) }
        }
        reader.leave(outer)
        oneofs.append(oneof)
      default: try reader.skip(tag, bytes)
      }
    }
  }

  /// The field in the words of the code's own tables.
  func shape(of field: PublishedContract.Field) -> FieldShape? {
    let typeName = String(field.typeName.split(separator: ".").last ?? "")
    let shape: FieldShape
    switch field.type {
    case 3: shape = .int64
    case 4: shape = .uint64
    case 5: shape = .int32
    case 6: shape = .fixed64
    case 9: shape = .string
    case 11: shape = .message(typeName)
    case 12: shape = .bytes
    case 13: shape = .uint32
    case 14: shape = .enumeration(typeName)
    case 17: shape = .sint32
    case 18: shape = .sint64
    default: return nil
    }
    if field.label == 3 { return .repeated(shape) }
    if field.isOptional != 0 { return .optional(shape) }
    if let oneof = field.oneof { return .oneof(oneofs[Int(oneof)], shape) }
    return shape
  }
}

extension PublishedContract.Field {
  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch tag.field {
      case 1: try reader.string(&name, tag, bytes)
      case 3: try reader.int32(&number, tag, bytes)
      case 4: try reader.int32(&label, tag, bytes)
      case 5: try reader.int32(&type, tag, bytes)
      case 6: try reader.string(&typeName, tag, bytes)
      case 9: try reader.int32(&oneof, tag, bytes)
      case 17: try reader.int32(&isOptional, tag, bytes)
      default: try reader.skip(tag, bytes)
      }
    }
  }
}

extension PublishedContract.Enumeration {
  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch tag.field {
      case 1: try reader.string(&name, tag, bytes)
      case 2:
        var value = (name: "", number: Int32(0))
        let outer = try reader.enter(tag, bytes)
        while let tag = try reader.next(bytes) {
          switch tag.field {
          case 1: try reader.string(&value.name, tag, bytes)
          case 2: try reader.int32(&value.number, tag, bytes)
          default: try reader.skip(tag, bytes)
          }
        }
        reader.leave(outer)
        values.append(value)
      default: try reader.skip(tag, bytes)
      }
    }
  }
}
