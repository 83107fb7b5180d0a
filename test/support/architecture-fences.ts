export interface FenceRule {
  /** Package names; a trailing `/` fences the whole scope. */
  packages: readonly string[]
  /** Paths that may import them start with one of these. */
  only: readonly string[]
  why: string
}

const OUTSIDE = ['test/', 'loadtest/'] as const

/** Libraries that may be seen in one place only, so that they can be replaced there. */
export const FENCES: readonly FenceRule[] = [
  {
    packages: ['@nats-io/', 'nats'],
    only: ['services/platform/nats/', ...OUTSIDE],
    why: 'retries, acknowledgements and reconnects are decided once',
  },
  {
    packages: ['ioredis'],
    only: ['services/platform/redis/', ...OUTSIDE],
    why: 'every command needs the same time limits',
  },
  {
    packages: ['@opentelemetry/', 'prom-client', 'pino'],
    only: ['services/platform/telemetry/'],
    why: 'names and costs of telemetry are decided once',
  },
  {
    packages: ['@grpc/', 'grpc-health-check', '@bufbuild/', 'fastify', '@fastify/', 'jose'],
    only: ['services/edge/', ...OUTSIDE],
    why: 'the edge alone speaks gRPC and REST',
  },
  {
    packages: ['onnxruntime-node'],
    only: ['services/agents/video/detection/onnx-session.ts', ...OUTSIDE],
    why: 'one file decides on threads, devices and its native memory',
  },
  {
    packages: ['@duckdb/'],
    only: ['services/agents/report/ingest/large/query-engine.ts', ...OUTSIDE],
    why: 'one file decides on its threads, memory and which files it may touch',
  },
  {
    packages: ['sharp'],
    only: ['services/agents/report/ingest/', 'services/agents/video/pictures/', 'examples/', 'test/'],
    why: 'limits on pixels must be set wherever it opens a file: what comes from outside is opened in one place; the other one draws our own frames',
  },
  {
    packages: ['aws4fetch'],
    only: ['services/platform/storage/s3-store.ts', ...OUTSIDE],
    why: 'one file decides on time limits, retries and what may not be overwritten',
  },
  {
    packages: ['onvif'],
    only: ['services/cli/onvif/onvif-thread.ts', ...OUTSIDE],
    why: 'it trusts what devices answer: one thread reads that, which may fail',
  },
  {
    packages: ['commander', '@clack/prompts'],
    only: ['services/cli/', 'test/cli/', 'deploy/local/'],
    why: 'only the CLI talks to a terminal',
  },
  {
    packages: ['@marcbachmann/cel-js'],
    only: ['services/workflow/expressions/', ...OUTSIDE],
    why: 'of the library only the parser is used: its evaluator has no bounds, and what a plan means must not change with it',
  },
  {
    packages: ['croner'],
    only: ['services/workflow/schedule/cron.ts', ...OUTSIDE],
    why: 'one file decides what a cron expression may be and what a change of clocks does to it; its timers are not used',
  },
  {
    packages: [
      'react',
      'react-dom',
      '@base-ui/',
      '@tanstack/',
      'wouter',
      'openapi-fetch',
      'uplot',
      '@dagrejs/',
    ],
    only: ['services/console/'],
    why: 'what a browser runs, no service loads',
  },
  {
    packages: ['vite', '@vitejs/'],
    only: ['services/console/build/', 'deploy/local/builds/'],
    why: 'what bundles the console and the services of a local stack, no service loads',
  },
  {
    packages: ['bullmq'],
    only: ['loadtest/'],
    why: 'the competition is there to be measured',
  },
]
