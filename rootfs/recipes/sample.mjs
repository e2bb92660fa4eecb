/** A web application to be copied to a servlet container by an init container: /sample.war, and busybox for `cp`. */
export const sample = {
  from: "busybox",
  archives: ["sample.war"],
  config: { Cmd: ["cp", "/sample.war", "/app"] },
};
