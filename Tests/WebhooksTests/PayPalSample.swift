import Model

@testable import Webhooks

/// A request as PayPal signs it, with a key pair made for this test.
enum PayPalSample {
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvB7ys4IZO7MkRjP+AiXl
        U2Tbcl8OxfVcSoUVRnk0txbMSQKGqufi9RoDWMBwmvKXViBtMeCQEDRudZkMUDvw
        PvgAEiML7dt8zNs5uplLzIS/dnlkeyTKEDligN+M3XBxTvmFyFVP/+EMckVvmil8
        7iTX0mxvs0c4+RuoR6iIeoZr4kBkeq2Wo8KlNiYVOvI2NzGTagOwJOpwrOc0EgOx
        z6/AJqr/4ofNz+wcwu6HTabCyXZiya59k1XJ/dE3oqHZMddudjqqQRkGGBqgXPA1
        spYuxzrXT763TN+cbbG9b44rFZPxEjZs0YfhHuHwYblrh/ksUInfLgr+otzR5Y4o
        WQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let signature =
        "b9nRcQYbhFu2tYJSwfY6rtbgiNDzB6VNz4T6wJLINErE6Ceza5MTUS1pCfSWO9ka2n7OujKr0haMOVnKUIL66NTTld"
        + "TTSWvlrxG7w2aGeFAmD3I9byEr72iH7J2QozLPU4jMMamKXk+2idx/2jVJFY6/6kaR73yvyucA/i69c3auU4ZD9omT"
        + "29pKBMGJJlJ8saqiaMTmvjuR1tWCrngFsckmHOABKQoxnTeHEuaHxirwxXC5VHBbvz6jBQuBllGITmCuHb1gCmlITi"
        + "RrhBZXG8Sdj30ghhrbbQ5grIbGuHWHjzNetj6MxIeR4Szd1dYWeoWonc4BeEqQXthWsf7y6A=="

    static let webhook = Sample.json(
        Sample.body,
        fields: [
            ("PAYPAL-TRANSMISSION-ID", "tid"), ("PAYPAL-TRANSMISSION-TIME", "2023-11-14T22:13:20Z"),
            ("PAYPAL-TRANSMISSION-SIG", signature), ("PAYPAL-AUTH-ALGO", "SHA256withRSA"),
        ]
    )
}
