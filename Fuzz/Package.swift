// swift-tools-version: 6.2
import PackageDescription

// Built by Scripts/fuzz only: it needs the sanitizers' flags and libFuzzer's library.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "journey-gateway", path: "..")],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CFuzzer",
                .product(name: "HTTPServer", package: "journey-gateway"),
                .product(name: "JMESPath", package: "journey-gateway"),
                .product(name: "JSON", package: "journey-gateway"),
                .product(name: "Model", package: "journey-gateway"),
                .product(name: "Rules", package: "journey-gateway"),
                .product(name: "Webhooks", package: "journey-gateway"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
