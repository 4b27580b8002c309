# syntax=docker/dockerfile:1

FROM swift:6.3-bookworm AS build
WORKDIR /source
COPY Scripts Scripts
RUN Scripts/install-packages Scripts/packages.build
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product journey-gateway \
    && strip .build/release/journey-gateway

FROM debian:bookworm-slim AS runtime
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates \
        libcurl4 \
        libphonenumber8 \
        libre2-9 \
        libsqlite3-0 \
        libssl3 \
        tzdata \
        zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/journey-gateway --create-home journey-gateway
COPY --from=build /source/.build/release/journey-gateway /usr/local/bin/journey-gateway
USER journey-gateway
WORKDIR /var/lib/journey-gateway
ENV JOURNEY_GATEWAY_CONFIG=/etc/journey-gateway/gateway.yaml
VOLUME /var/lib/journey-gateway
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["journey-gateway", "show", "status"]
ENTRYPOINT ["journey-gateway"]
CMD ["serve"]
