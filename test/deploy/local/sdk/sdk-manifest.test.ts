import t from 'tap'
import { sdkManifest } from '../../../../deploy/local/sdk/sdk-manifest.ts'

const root = {
  version: '1.2.3',
  license: 'MIT',
  dependencies: {
    zod: '^4.0.0',
    '@nats-io/jetstream': '^3.4.0',
    '@opentelemetry/api': '^1.9.1',
    pino: '^10.0.0',
  },
  devDependencies: {},
}

t.test('the kit has what it imports: zod is shared, telemetry optional', async (t) => {
  const imports = [
    'zod',
    'zod/v4',
    './own.js',
    'node:fs',
    '@nats-io/jetstream/internal',
    '@opentelemetry/api',
  ]
  t.match(sdkManifest(root, imports), {
    name: '@murmuration/agent',
    version: '1.2.3',
    private: true,
    exports: {
      '.': { types: './dist/services/sdk/index.d.ts', default: './dist/services/sdk/index.js' },
      './testing': { default: './dist/services/sdk/testing.js' },
    },
    peerDependencies: { zod: '^4.0.0', '@opentelemetry/api': '^1.9.1' },
    peerDependenciesMeta: { '@opentelemetry/api': { optional: true } },
  })
  t.strictSame(sdkManifest(root, imports).dependencies, {
    '@nats-io/jetstream': '^3.4.0',
    '@types/node': '>=20',
  })
})

t.test('a package that the repository does not list is an error', async (t) => {
  t.throws(() => sdkManifest(root, ['left-pad']), /imports left-pad, which package\.json does not list/)
})
