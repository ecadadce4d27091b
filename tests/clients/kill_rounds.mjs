// Kills podwire server with SIGKILL while clients write to it, again and again, and looks after each start at what is
// there. node kill_rounds.mjs PODWIRE DATA_DIR ROUNDS: one line of JSON, what was done; exit 1 at what should not be.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Api } from './api.mjs';

const [program, dataDir, rounds] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const kWriters = 8;
const tokenFile = `${dataDir}/tokens`;
writeFileSync(tokenFile, 'secret,writer,,"system:masters"\n');

let api;

const start = () =>
  new Promise((resolve, reject) => {
    const server = spawn(program, ['server', '--data-dir', dataDir, '--token-file', tokenFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    server.stderr.on('data', (text) => {
      said += text;
      if (said.includes('podwire server: ready')) resolve(server);
    });
    server.on('exit', () => reject(new Error(`the server did not start: ${said}`)));
  });

const kill = (server) =>
  new Promise((resolve) => {
    server.removeAllListeners('exit');
    server.on('exit', resolve);
    server.kill('SIGKILL');
  });

// What writers were told of, by path: the object as it was acknowledged, or null for a deletion. What they do not know
// (the answer never came: `unknown`, by path the method) may be so or so, but nothing between.
const acknowledged = new Map();
const unknown = new Map();
let newest = 0n;
const done = { rounds: 0, writes: 0, cut_off: 0 };

function heard(object) {
  const revision = BigInt(object.metadata?.resourceVersion ?? 0);
  if (revision > newest) newest = revision;
}

async function write(method, path, name, body, type) {
  const object = `${path}/${name}`;
  unknown.set(object, method);
  const answer = await api.call(method, method === 'POST' ? path : object, body, type);
  unknown.delete(object);
  if (answer.code >= 300) throw new Error(`${method} ${object}: ${JSON.stringify(answer.body)}`);
  done.writes += 1;
  heard(answer.body);
  acknowledged.set(object, method === 'DELETE' ? null : answer.body);
}

const kMaps = '/api/v1/namespaces/default/configmaps';
const kServices = '/api/v1/namespaces/default/services';
const kNodes = '/api/v1/nodes';

// A ConfigMap whose two values are always the same; a Service, which is two objects; now and then a Node; and away with
// what the round before last made.
async function writer(round, number, running) {
  for (let i = 0; running.now; ++i) {
    const name = `r${round}-${number}-${i}`;
    const metadata = { name };
    await write('POST', kMaps, name, { metadata, data: { a: name, b: name } });
    await write('PATCH', kMaps, name, { data: { a: 'new', b: 'new' } }, 'application/merge-patch+json');
    await write('POST', kServices, name, { metadata, spec: { ports: [{ port: 80 }] } });
    if (i % 4 === 0) await write('POST', kNodes, name, { metadata });
    for (const path of [kMaps, kServices, kNodes]) {
      const old = `r${round - 2}-${number}-${i}`;
      if (acknowledged.get(`${path}/${old}`)) await write('DELETE', path, old);
    }
  }
}

function check(right, what) {
  if (!right) throw new Error(what);
}

// Compares all that is there with what was acknowledged.
async function look() {
  const there = new Map();
  const addresses = new Map(), taken = new Set(), podCidrs = new Set();
  // The server's own Services in other namespaces have addresses, too.
  for (const path of [kMaps, '/api/v1/services', kNodes, '/apis/networking.k8s.io/v1/ipaddresses']) {
    const list = (await api.call('GET', path)).body;
    check(BigInt(list.metadata.resourceVersion) >= newest, `${path}: revision ${list.metadata.resourceVersion} after ${newest}`);
    for (const item of list.items) {
      const name = item.metadata.name;
      there.set(`${path === '/api/v1/services' ? `/api/v1/namespaces/${item.metadata.namespace}/services` : path}/${name}`, item);
      if (path === kMaps && item.data.a !== undefined) check(item.data.a === item.data.b, `half of ${name}: ${JSON.stringify(item.data)}`);
      if (path.endsWith('/services'))
        for (const ip of item.spec.clusterIPs) {
          check(!addresses.has(ip), `${ip} is of ${addresses.get(ip)} and of ${name}`);
          addresses.set(ip, name);
        }
      if (path.endsWith('ipaddresses')) taken.add(name);
      for (const cidr of item.spec?.podCIDRs ?? []) {
        check(!podCidrs.has(cidr), `podCIDR ${cidr} twice`);
        podCidrs.add(cidr);
      }
    }
    heard(list);
  }
  for (const ip of addresses.keys()) check(taken.has(ip), `Service ${addresses.get(ip)} without its IPAddress ${ip}`);
  for (const ip of taken) check(addresses.has(ip), `IPAddress ${ip} without its Service`);
  for (const [path, object] of acknowledged) {
    const now = there.get(path);
    if (unknown.get(path) === 'DELETE') continue;
    check(!object === !now, `${path} ${now ? 'is there again' : 'is lost'}`);
    if (object && path.startsWith(kMaps) && !unknown.has(path))
      check(now.metadata.resourceVersion === object.metadata.resourceVersion, `${path} is older, or newer`);
  }
  for (const path of new Set([...acknowledged.keys(), ...unknown.keys()])) {
    const now = there.get(path);
    if (now) acknowledged.set(path, now);
    else acknowledged.delete(path);
  }
  unknown.clear();
}

for (let round = 0; round < rounds; ++round) {
  const server = await start();
  api = new Api(`${dataDir}/pki/ca.crt`, 'secret');
  await look();
  const running = { now: true };
  let cut = false;
  const writers = Array.from({ length: kWriters }, (_, number) =>
    writer(round, number, running).catch((error) => {
      if (!cut) throw error;
      done.cut_off += 1;
    }),
  );
  const all = Promise.all(writers);
  all.catch(() => {}); // looked at below
  await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 130));
  cut = true;
  await kill(server);
  running.now = false;
  await all;
  api.close();
  done.rounds += 1;
}
const last = await start();
api = new Api(`${dataDir}/pki/ca.crt`, 'secret');
await look();
await kill(last);
console.log(JSON.stringify(done));
process.exit(0);
