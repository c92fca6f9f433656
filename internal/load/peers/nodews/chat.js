// A chat as articles on Node's ws build it: whatever one says goes to every client of the server that is open, the sender too, as it
// came. The address, http://127.0.0.1:PORT with a free port, is the one line it prints.
const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });

server.on("connection", (client) => {
	client.on("message", (text) => {
		for (const other of server.clients) {
			if (other.readyState === WebSocket.OPEN) other.send(text.toString());
		}
	});
	client.on("error", () => client.terminate());
});

server.on("listening", () => console.log(`http://127.0.0.1:${server.address().port}`));
