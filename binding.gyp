{
  "variables": {
    "warnings": ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wno-missing-field-initializers"]
  },
  "targets": [
    {
      "target_name": "tspod",
      "sources": [
        "native/addon/addon.cc",
        "native/addon/process_functions.cc",
        "native/addon/descriptor_functions.cc",
        "native/addon/watch_functions.cc",
        "native/addon/mount_functions.cc",
        "native/addon/netlink_functions.cc",
        "native/addon/terminal_functions.cc",
        "native/addon/spawn.c",
        "native/addon/process.c",
        "native/addon/terminal.c",
        "native/addon/bpf.c",
        "native/addon/netlink.c"
      ],
      "include_dirs": ["native/include"],
      "cflags": ["<@(warnings)", "-fvisibility=hidden"],
      "cflags_c": ["-std=gnu11", "-Wstrict-prototypes", "-Wconversion", "-D_GNU_SOURCE"],
      "cflags_cc": [
        "-std=gnu++17",
        "-fexceptions",
        "-isystem",
        "<!(node -p \"require('path').resolve(require('node-addon-api').include_dir)\")"
      ],
      "cflags_cc!": ["-fno-exceptions"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "ldflags": ["-Wl,-z,relro,-z,now", "-s"]
    },
    {
      "target_name": "install_in_dist",
      "type": "none",
      "dependencies": ["tspod"],
      "copies": [{ "destination": "<(module_root_dir)/dist", "files": ["<(PRODUCT_DIR)/tspod.node"] }]
    }
  ]
}
