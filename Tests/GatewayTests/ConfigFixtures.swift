@testable import Gateway

extension ConfigEnvironment {
    /// An environment of these variables and these files, and nothing else.
    static func fixed(variables: [String: String] = [:], files: [String: String] = [:]) -> ConfigEnvironment {
        ConfigEnvironment(
            variable: { variables[$0] },
            file: { path throws(FileError) in
                guard let text = files[path] else { throw FileError("No such file or directory") }
                return Array(text.utf8)
            }
        )
    }
}
