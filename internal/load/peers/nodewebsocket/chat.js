// A chat as articles on Node's websocket build it: connections in an array, and what one says goes to each in it as JSON with name,
// text and time. A client says {"name": …, "text": …}. The address, http://127.0.0.1:PORT with a free port, is the one line it prints.
const http = require("node:http");
const { server: WebSocketServer } = require("websocket");

const connections = [];
const web = http.createServer((request, response) => response.writeHead(404).end());
const server = new WebSocketServer({ httpServer: web });

server.on("request", (request) => {
	const connection = request.accept(null, request.origin);
	connections.push(connection);
	connection.on("message", (message) => {
		if (message.type !== "utf8") return;
		const { name, text } = JSON.parse(message.utf8Data);
		const json = JSON.stringify({ type: "message", name, text, time: Date.now() });
		for (const other of connections) other.sendUTF(json);
	});
	connection.on("close", () => connections.splice(connections.indexOf(connection), 1));
});

web.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${web.address().port}`));
