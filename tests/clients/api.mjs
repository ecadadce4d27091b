// As little of a client of an API server on 127.0.0.1:6443 as tests need. The token is that of a --token-file.
import { readFileSync } from 'node:fs';
import https from 'node:https';

export class Api {
  constructor(caFile, token) {
    this.options = { host: '127.0.0.1', port: 6443, agent: new https.Agent({ keepAlive: true, ca: readFileSync(caFile) }) };
    this.headers = { Authorization: `Bearer ${token}` };
  }

  request(method, path, body, type) {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // Said by hand: Node leaves it out where the method is DELETE.
      const headers = { ...this.headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) };
      const request = https.request({ ...this.options, method, path, headers }, resolve);
      request.on('error', reject);
      request.end(text);
    });
  }

  // {code, body}; an answer that is cut off is an error.
  async call(method, path, body, type = 'application/json') {
    const answer = await this.request(method, path, body, type);
    const pieces = [];
    for await (const piece of answer) pieces.push(piece);
    if (!answer.complete) throw new Error('cut off');
    return { code: answer.statusCode, body: JSON.parse(Buffer.concat(pieces).toString()) };
  }

  mergePatch(path, body) {
    return this.call('PATCH', path, body, 'application/merge-patch+json');
  }

  // Events, each as soon as it has come, until the server ends the watch.
  async *watch(path) {
    let rest = '';
    for await (const piece of await this.request('GET', path, undefined, 'application/json')) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop();
      for (const line of lines) yield JSON.parse(line);
    }
  }

  close() {
    this.options.agent.destroy();
  }
}
