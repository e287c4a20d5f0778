// socket.io as its documentation sets it up for several processes: a room, the Redis adapter, websockets only.
const { createServer } = require("node:http");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");
const { Server } = require("socket.io");

async function main() {
  const publisher = createClient({ url: process.env.REDIS_URL });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], adapter: createAdapter(publisher, subscriber) });
  io.on("connection", (socket) => {
    socket.join("room");
    socket.on("chat", (message) => io.to("room").emit("chat", message));
  });
  http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
}

main();
