// What an informer of @kubernetes/client-node sees while objects come, change and go; one line of JSON.
// Run where node_modules is: node informer.mjs, with KUBECONFIG.
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);
const api = config.makeApiClient(CoreV1Api);
const namespace = 'default';
const seen = [];
const gone = new Promise((resolve) => {
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
    api.listNamespacedConfigMap({ namespace }),
  );
  for (const event of ['add', 'update', 'delete'])
    informer.on(event, (object) => {
      if (object.metadata.name !== 'js') return;
      seen.push(event);
      if (event === 'delete') resolve();
    });
  informer.start().then(async () => {
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'js' }, data: { a: 'b' } } });
    await api.patchNamespacedConfigMap({
      namespace,
      name: 'js',
      body: [{ op: 'replace', path: '/data/a', value: 'c' }],
    });
    await api.deleteNamespacedConfigMap({ namespace, name: 'js' });
  });
});
await gone;
console.log(JSON.stringify(seen));
process.exit(0);
