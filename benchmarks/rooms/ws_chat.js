// The broadcast example of the `ws` package: one process, no Redis, no authentication.
const { WebSocketServer, WebSocket } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });

server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    for (const viewer of server.clients) {
      if (viewer.readyState === WebSocket.OPEN) viewer.send(data, { binary: isBinary });
    }
  });
});
