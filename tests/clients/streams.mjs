// What @kubernetes/client-node gets from a pod: a log, a command's output and status, what it echoes, and an answer
// through a forwarded port. One line of JSON. Run where node_modules is: node streams.mjs PORT, with KUBECONFIG.
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { Exec, KubeConfig, Log, PortForward } from '@kubernetes/client-node';

const [namespace, pod, container] = ['default', 'web', 'c'];
const config = new KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);

function collect(stream) {
  let text = '';
  stream.on('data', (piece) => (text += piece));
  return () => text;
}

async function log() {
  const out = new PassThrough();
  const text = collect(out);
  await new Log(config).log(namespace, pod, container, out, { tailLines: 1 });
  await new Promise((done) => out.on('end', done));
  return text();
}

async function command(argv, input) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const [stdout, stderr] = [collect(out), collect(err)];
  const status = await new Promise((resolve, reject) => {
    new Exec(config).exec(namespace, pod, container, argv, out, err, input, false, resolve).catch(reject);
  });
  return { stdout: stdout(), stderr: stderr(), status: status.status, causes: status.details?.causes };
}

async function forward(port) {
  const forwarder = new PortForward(config);
  const server = createServer((socket) => forwarder.portForward(namespace, pod, [port], socket, null, socket));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const answers = [];
  for (let i = 0; i < 2; i++) {
    const socket = connect(server.address().port, '127.0.0.1');
    const text = collect(socket);
    socket.write('GET /hostname HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await new Promise((done) => socket.on('data', () => text().includes('\r\n\r\n') && done()));
    answers.push(text().split('\r\n')[0]);
    socket.destroy();
  }
  server.close();
  return answers;
}

const input = new PassThrough();
input.end('from here\n');
console.log(
  JSON.stringify({
    log: await log(),
    failed: await command(['sh', '-c', 'echo out; echo err >&2; exit 7'], null),
    echoed: await command(['head', '-n1'], input),
    forwarded: await forward(Number(process.argv[2])),
  }),
);
process.exit(0);
