// Plays the kubelets of a few nodes, without any container: pods that are bound to them run and are ready, and go when
// they are told to. A pod whose image is "broken" never becomes ready. node kubelet.mjs CA_FILE TOKEN NODE...
import { Api } from './api.mjs';

const [caFile, token, ...nodes] = process.argv.slice(2);
const api = new Api(caFile, token);
const now = () => new Date().toISOString().replace(/\.\d+Z/, 'Z');
const condition = (type, status = 'True') => ({ type, status, lastTransitionTime: now(), reason: 'Test', message: '' });

async function must(answer) {
  const { code, body } = await answer;
  if (code >= 300 && code !== 409 && code !== 404) throw new Error(`${code}: ${JSON.stringify(body)}`);
  return body;
}

async function register(name, number) {
  await must(api.call('POST', '/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } } }));
  const room = { cpu: '8', memory: '16Gi', pods: '110' };
  const addresses = [{ type: 'InternalIP', address: `10.89.0.${number + 1}` }];
  const status = { capacity: room, allocatable: room, addresses, conditions: [condition('Ready')] };
  await must(api.mergePatch(`/api/v1/nodes/${name}/status`, { status }));
}

async function renew(name) {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: new Date().toISOString().replace('Z', '000Z') };
  await must(api.call('POST', leases, { metadata: { name }, spec }));
  await must(api.mergePatch(`${leases}/${name}`, { spec }));
}

let pods = 0;
async function run(pod) {
  const { namespace, name } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  if (!nodes.includes(pod.spec.nodeName)) return;
  if (pod.metadata.deletionTimestamp) {
    await must(api.call('DELETE', path, { gracePeriodSeconds: 0 }));
    return;
  }
  if (pod.status.phase === 'Running') return;
  const ready = pod.spec.containers.every(({ image }) => image !== 'broken');
  pods += 1;
  const podIP = `10.244.${Math.floor(pods / 250)}.${(pods % 250) + 2}`;
  const statuses = pod.spec.containers.map(({ name, image }) => ({
    name, image, imageID: image, ready, started: ready, restartCount: 0, state: { running: { startedAt: now() } },
  }));
  const conditions = [condition('Ready', ready ? 'True' : 'False'), condition('ContainersReady', ready ? 'True' : 'False'),
    condition('Initialized'), condition('PodScheduled')];
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], startTime: now(), conditions, containerStatuses: statuses };
  await must(api.mergePatch(`${path}/status`, { status }));
}

await Promise.all(nodes.map(register));
await Promise.all(nodes.map(renew));
setInterval(() => nodes.forEach(renew), 5000);
console.log('ready');
for (;;)
  for await (const { type, object } of api.watch('/api/v1/pods?watch=true'))
    if (type === 'ADDED' || type === 'MODIFIED') await run(object);
