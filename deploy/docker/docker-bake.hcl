# All images for both architectures with one command, from the checkout's folder:
#
#     docker buildx bake -f deploy/docker/docker-bake.hcl
#
# They are smart-mirror-ui:amd64, smart-mirror-ui:arm64 and so on, in this machine's
# engine (with a builder in a container: add --load); nothing is emulated. One
# architecture, or one image:
#
#     docker buildx bake -f deploy/docker/docker-bake.hcl arm64
#     docker buildx bake -f deploy/docker/docker-bake.hcl ui-arm64
#
# To a registry (REGISTRY=registry.example/shop/), with --push; `docker buildx
# imagetools create` joins what is there under one name. To a Raspberry Pi without one:
#
#     docker save smart-mirror-ui:arm64 … | ssh pi sudo docker load
#
# and there `docker tag smart-mirror-ui:arm64 smart-mirror-ui`, the name that Compose
# knows it by.

variable "REGISTRY" {
  default = ""
}

# Said in the labels; of a checkout: VERSION=0.1.0 REVISION=$(git rev-parse HEAD)
variable "VERSION" {
  default = ""
}
variable "REVISION" {
  default = ""
}

# Other images to build in; unset, those that the Dockerfile names.
variable "RUST_IMAGE" {
  default = ""
}
variable "NODE_IMAGE" {
  default = ""
}
variable "DEBIAN_IMAGE" {
  default = ""
}
variable "RUNTIME_IMAGE" {
  default = ""
}

group "default" {
  targets = ["amd64", "arm64"]
}

target "image" {
  name       = "${service}-${arch}"
  matrix     = { service = ["inference", "recommender", "ui", "sap-simulator"], arch = ["amd64", "arm64"] }
  dockerfile = "deploy/docker/Dockerfile"
  target     = service
  platforms  = ["linux/${arch}"]
  tags       = ["${REGISTRY}smart-mirror-${service}:${arch}"]
  args = {
    RUST_IMAGE    = RUST_IMAGE != "" ? RUST_IMAGE : null
    NODE_IMAGE    = NODE_IMAGE != "" ? NODE_IMAGE : null
    DEBIAN_IMAGE  = DEBIAN_IMAGE != "" ? DEBIAN_IMAGE : null
    RUNTIME_IMAGE = RUNTIME_IMAGE != "" ? RUNTIME_IMAGE : null
  }
  labels = {
    "org.opencontainers.image.version"  = VERSION != "" ? VERSION : null
    "org.opencontainers.image.revision" = REVISION != "" ? REVISION : null
  }
}

group "amd64" {
  targets = ["inference-amd64", "recommender-amd64", "ui-amd64", "sap-simulator-amd64"]
}
group "arm64" {
  targets = ["inference-arm64", "recommender-arm64", "ui-arm64", "sap-simulator-arm64"]
}
