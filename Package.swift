// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A module of ours: `Sources/<name>`, with the language settings that all share.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// The tests of one module: `Tests/<name>Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: swiftSettings
    )
}

/// A C library of the system: a module map and a header of inline shims.
func system(_ name: String, apt package: String? = nil) -> Target {
    .systemLibrary(name: name, providers: package.map { [.apt([$0])] })
}

let package = Package(
    name: "journey-gateway",
    products: [
        .executable(name: "journey-gateway", targets: ["journey-gateway"]),
        .library(name: "JSON", targets: ["JSON"]),
        .library(name: "JMESPath", targets: ["JMESPath"]),
        .library(name: "HTTPServer", targets: ["HTTPServer"]),
        // For Benchmarks/ and Fuzz/, which are packages of their own.
        .library(name: "Model", targets: ["Model"]),
        .library(name: "Webhooks", targets: ["Webhooks"]),
        .library(name: "Rules", targets: ["Rules"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        system("CEpoll"),
        system("COpenSSL", apt: "libssl-dev"),
        system("CZlib", apt: "zlib1g-dev"),
        system("CCurl", apt: "libcurl4-openssl-dev"),
        .target(
            name: "CPhoneNumber",
            linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("stdc++")]
        ),
        .target(
            name: "CRE2",
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]
        ),

        module("JSON"),
        module("SeededRandom"),
        module("JMESPath", ["JSON"]),
        module("Model", ["JSON"]),
        module(
            "HTTPServer",
            [
                "CEpoll", "COpenSSL",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),
        module("Webhooks", ["Model", "JSON", "JMESPath", "COpenSSL", "CZlib"]),
        module("Rules", ["Model", "JSON", "JMESPath", "COpenSSL", "CPhoneNumber", "CRE2"]),
        module(
            "EventStore",
            [
                "Model", "JSON",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        module("Sprinklr", ["Model", "JSON", "CCurl", "CEpoll"]),
        module(
            "Sandbox",
            ["HTTPServer", "JSON", "SeededRandom", .product(name: "HTTPTypes", package: "swift-http-types")]
        ),
        module(
            "Delivery",
            [
                "Model", "SeededRandom",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ]
        ),
        module(
            "Gateway",
            [
                "JSON", "JMESPath", "Model", "HTTPServer", "Webhooks", "Rules", "EventStore", "Sprinklr",
                "Sandbox", "Delivery", "CEpoll", "COpenSSL",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(
            name: "journey-gateway",
            dependencies: [
                "Gateway", "HTTPServer", "JSON", "Model", "Rules",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),

        tests("JSON", ["SeededRandom"]),
        tests("JMESPath", ["JSON", "SeededRandom"]),
        tests("Model", ["JSON"]),
        tests("HTTPServer", [.product(name: "HTTPTypes", package: "swift-http-types")]),
        tests("Webhooks", ["Model", "JSON", "JMESPath"]),
        tests("Rules", ["Model", "JSON", "JMESPath", "SeededRandom"]),
        tests(
            "EventStore",
            [
                "Model", "JSON", "SeededRandom",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        tests("Sprinklr", ["Model", "JSON", "HTTPServer"]),
        tests("Sandbox", ["HTTPServer", "JSON", "Model", "SeededRandom", "Sprinklr"]),
        tests("Delivery", ["Model", "JSON", "EventStore", "SeededRandom"]),
        tests("Gateway", ["Model", "JSON", "Rules", "EventStore", "Delivery", "Sprinklr", "Sandbox", "HTTPServer"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["JSON", "HTTPServer", "Sandbox", "SeededRandom"],
            path: "Tests/EndToEnd",
            swiftSettings: swiftSettings
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
