//! The page is compiled into the binary, so it has to be built first.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=page/dist");
    assert!(
        Path::new("page/dist/index.html").exists(),
        "the page is not built: run deploy/setup.sh, or `npm ci && npm run build` in services/ui/page"
    );
}
