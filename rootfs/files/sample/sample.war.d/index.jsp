<%@ page contentType="text/html;charset=UTF-8" %>
<!DOCTYPE html>
<html lang="en">
<head><title>sample.war</title></head>
<body>
<h1>Hello, World</h1>
<p>Served by <%= application.getServerInfo() %> in pod <%= java.net.InetAddress.getLocalHost().getHostName() %>.</p>
</body>
</html>
