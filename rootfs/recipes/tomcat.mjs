/** The distribution's Tomcat on a headless Java. */
export const tomcat = {
  from: "debian",
  version: "tomcat10",
  packages: ["default-jre-headless", "tomcat10"],
  // Printing, sound, smart cards, fonts and pictures: what a Java on a desktop is for; and the service's own manager.
  assumed: [
    "ca-certificates",
    "ca-certificates-java",
    "fontconfig-config",
    "java-common",
    "libasound2",
    "libcups2",
    "libfontconfig1",
    "libfreetype6",
    "libglib2.0-0",
    "libharfbuzz0b",
    "libjpeg62-turbo",
    "liblcms2-2",
    "libnss3",
    "libpcsclite1",
    "systemd",
  ],
  leaveOut: [
    "etc/cron.daily",
    "etc/logrotate.d",
    "etc/rsyslog.d",
    "lib/systemd",
    "usr/lib/sysusers.d",
    "usr/lib/tmpfiles.d",
    "var",
  ],
  folders: [
    { path: "usr/local/tomcat/logs" },
    { path: "usr/local/tomcat/temp" },
    { path: "usr/local/tomcat/webapps" },
    { path: "usr/local/tomcat/work" },
  ],
  links: {
    "usr/local/tomcat/conf": "/usr/share/tomcat10/etc",
    "usr/local/tomcat/lib": "/usr/share/tomcat10/lib",
    // Where the image of the article has it.
    "root/apache-tomcat-7.0.42-v2": "/usr/local/tomcat",
  },
  linkAll: { "usr/lib/jvm/java-*-openjdk-*/bin/*": "usr/bin" },
  config: {
    Env: ["CATALINA_HOME=/usr/share/tomcat10", "CATALINA_BASE=/usr/local/tomcat"],
    Cmd: ["/usr/local/tomcat/bin/catalina.sh", "run"],
    WorkingDir: "/usr/local/tomcat",
    ExposedPorts: { "8080/tcp": {} },
  },
};
