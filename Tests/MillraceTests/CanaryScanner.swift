import Foundation

/// Looks for personal values in bytes, in every form in which they commonly leak.
struct CanaryScanner {
  struct Needle {
    var canary: String
    var form: String
    var bytes: Data
  }

  let needles: [Needle]

  /// `canaries`: what each is called, and its value.
  init(_ canaries: [String: String]) {
    var needles: [Needle] = []
    for (name, value) in canaries {
      var forms: [(String, Data)] = []
      func add(_ form: String, _ text: String) { forms.append((form, Data(text.utf8))) }
      add("plain", value)
      add("lower case", value.lowercased())
      add("upper case", value.uppercased())
      for (case_, text) in [("", value), (" of lower case", value.lowercased())] {
        let bytes = Data(text.utf8)
        let hex = bytes.map { String(format: "%02x", $0) }.joined()
        add("hex\(case_)", hex)
        add("upper hex\(case_)", hex.uppercased())
        add("URL-encoded\(case_)", text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text)
        add(
          "URL-encoded as by browsers\(case_)",
          text.addingPercentEncoding(withAllowedCharacters: .urlUserAllowed) ?? text)
        add(
          "form-encoded\(case_)",
          (text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text).replacingOccurrences(
            of: "%20", with: "+"))
        // Inside other text base64 may begin at any of three offsets; the ends that depend on neighbours are cut.
        for shift in 0..<3 {
          let encoded = (Data(repeating: 0x20, count: shift) + bytes).base64EncodedString()
          let trimmed = encoded.dropFirst(shift == 0 ? 0 : 4).prefix { $0 != "=" }.dropLast(2)
          guard trimmed.count >= 8 else { continue }
          add("base64+\(shift)\(case_)", String(trimmed))
          add(
            "base64url+\(shift)\(case_)",
            String(trimmed).replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_"))
        }
        forms.append(("UTF-16LE\(case_)", text.data(using: .utf16LittleEndian) ?? bytes))
        forms.append(("UTF-16BE\(case_)", text.data(using: .utf16BigEndian) ?? bytes))
        let escaped = text.unicodeScalars.map { $0.isASCII ? String($0) : String(format: "\\u%04x", $0.value) }.joined()
        add("JSON-escaped\(case_)", escaped)
        add("reversed\(case_)", String(text.reversed()))
      }
      let digits = value.filter(\.isNumber)
      if digits.count == value.count, digits.count >= 8 {
        for separator in [" ", "-", "."] {
          for size in [2, 3, 4] {
            let groups = stride(from: 0, to: digits.count, by: size).map { start in
              String(digits.dropFirst(start).prefix(size))
            }
            add("groups of \(size) with '\(separator)'", groups.joined(separator: separator))
          }
        }
        if let number = UInt64(digits) {
          var little = number.littleEndian
          forms.append(("eight bytes, little endian", Data(bytes: &little, count: 8)))
          var big = number.bigEndian
          forms.append(("eight bytes, big endian", Data(bytes: &big, count: 8)))
        }
      }
      var seen: Set<Data> = []
      for (form, bytes) in forms where seen.insert(bytes).inserted {
        needles.append(Needle(canary: name, form: form, bytes: bytes))
      }
    }
    self.needles = needles
  }

  /// "customer.email (hex)" of what is found.
  func hits(in data: Data) -> [String] {
    needles.filter { data.range(of: $0.bytes) != nil }.map { "\($0.canary) (\($0.form))" }
  }

  /// Hits in all files below a folder, except those below `excluded`.
  func hits(below folder: String, except excluded: [String]) throws -> [String] {
    var found: [String] = []
    for file in try CanaryScanner.files(below: folder, except: excluded) {
      let data = try Data(contentsOf: URL(fileURLWithPath: file))
      found += hits(in: data).map { "\(file.dropFirst(folder.count)): \($0)" }
      // Names of files count as well.
      found += hits(in: Data(file.utf8)).map { "name of \(file.dropFirst(folder.count)): \($0)" }
    }
    return found
  }

  static func files(below folder: String, except excluded: [String]) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      !excluded.contains { path == $0 || path.hasPrefix($0 + "/") }
    }.map { "\(folder)/\($0)" }.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }
}
