import Glibc

/// `init`: a config to begin with, and a payload that its rule's example is made of.
public enum Starter {
    /// Writes the files into a folder, none of which may be there yet; returns their paths.
    public static func write(into folder: String) throws(OutputFile.Failed) -> [String] {
        let paths = files.map { folder + "/" + $0.name }
        for path in paths where access(path, F_OK) == 0 {
            throw OutputFile.Failed(description: "\(path) is there already; nothing was written")
        }
        _ = mkdir(folder, 0o755)
        _ = mkdir(folder + "/examples", 0o755)
        for (path, file) in zip(paths, files) { try OutputFile.create(file.text, at: path) }
        return paths
    }

    private static let files = [(name: "gateway.yaml", text: config), (name: "examples/signup.json", text: payload)]

    private static let config = #"""
        # Check it with `journey-gateway check --dry-run`, try it with `journey-gateway serve --dry-run --watch --follow`.

        listen: 127.0.0.1:8080

        sprinklr:
          baseURL: https://api2.sprinklr.com      # with the environment's segment where there is one: …/prod2
          key: ${SPRINKLR_API_KEY}
          token: ${SPRINKLR_TOKEN}

        journeys:
          welcome: 64ad5aaeda4f3f1b3fea3edb       # the id in the journey canvas's URL

        sources:
          signup:
            path: /forms/signup
            accept: [json, form]

        rules:
          - name: welcome
            source: signup
            when: body.email
            trigger:
              journey: welcome
              snType: EMAIL
              snId: "{{ email(body.email) }}"
              contextParams:
                firstName: "{{ body.firstName }}"
            examples:
              - given: examples/signup.json
                expect:
                  snType: EMAIL
                  snId: ana@example.com
                  contextParams: { firstName: Ana }

        """#

    private static let payload = #"""
        {"firstName": "Ana", "email": "Ana@Example.com", "newsletter": true}

        """#
}
