// swift-tools-version: 6.2
import PackageDescription

// What the product is measured with and against; a package of its own, so that the product carries none of it.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "journey-gateway", path: ".."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "accept-server",
            dependencies: [.product(name: "HTTPServer", package: "journey-gateway")]
        ),
        .executableTarget(
            name: "floor-server",
            publicHeadersPath: ".",
            linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("crypto")]
        ),
        .executableTarget(
            name: "hummingbird-server",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .executableTarget(
            name: "mapping",
            dependencies: [
                "CAllocations", "CSIMDJSON",
                .product(name: "JMESPath", package: "journey-gateway"),
                .product(name: "JSON", package: "journey-gateway"),
                .product(name: "Model", package: "journey-gateway"),
                .product(name: "Rules", package: "journey-gateway"),
            ]
        ),
        .target(name: "CAllocations"),
        .target(
            name: "CSIMDJSON",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
