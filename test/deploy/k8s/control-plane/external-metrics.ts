import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createMetrics, type Metrics } from '../../../../services/platform/telemetry/metrics.ts'
import { freePorts } from '../../../support/free-ports.ts'
import { ROOT } from '../../../support/source-files.ts'
import { registerApi } from './metrics-api.ts'
import { type ControlPlane, startProgram } from './start.ts'

const VALUES = join(ROOT, 'deploy/k8s/components/hpa/prometheus-adapter-values.yaml')

/**
 * A Prometheus that scrapes the registry of metrics that an orchestrator and a detector have, and prometheus-adapter with our rules, which serves
 * external metrics to the controllers: from the name in our sources to the replicas there is no stand-in.
 */
export async function serveExternalMetrics(plane: ControlPlane, folder: string) {
  const at = (name: string) => join(folder, name)
  const metrics: Metrics = createMetrics({ parts: ['orchestrator', 'detection'] })
  const exporter = createServer((_request, response) => {
    void metrics.expose().then((text) => response.setHeader('content-type', metrics.contentType()).end(text))
  })
  exporter.listen(0, '127.0.0.1')
  await once(exporter, 'listening')
  const { port } = exporter.address() as { port: number }
  const [prometheusPort, adapterPort] = (await freePorts(2)) as [number, number]
  writeFileSync(
    at('prometheus.yaml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'orchestrator',
          // As operators of Prometheus label what they find in a namespace.
          static_configs: [
            { targets: [`127.0.0.1:${port}`], labels: { namespace: 'murmur', pod: 'orchestrator-0' } },
          ],
        },
      ],
    }),
  )
  const prometheus = startProgram(
    'prometheus',
    [
      `--config.file=${at('prometheus.yaml')}`,
      `--storage.tsdb.path=${at('prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ],
    at('prometheus.log'),
  )
  // The chart makes its configuration of the values in this way.
  const { rules } = parse(readFileSync(VALUES, 'utf8')) as { rules: { external: unknown } }
  writeFileSync(at('adapter.yaml'), JSON.stringify({ externalRules: rules.external }))
  const adapter = startProgram(
    'prometheus-adapter',
    [
      `--prometheus-url=http://127.0.0.1:${prometheusPort}/`,
      `--config=${at('adapter.yaml')}`,
      '--metrics-relist-interval=2s',
      '--bind-address=127.0.0.1',
      `--secure-port=${adapterPort}`,
      `--cert-dir=${at('adapter')}`,
      ...['lister', 'authentication', 'authorization'].map(
        (who) => `--${who}-kubeconfig=${plane.kubeconfig}`,
      ),
    ],
    at('prometheus-adapter.log'),
  )
  await registerApi(plane, 'external.metrics.k8s.io', adapterPort)
  return {
    metrics,
    async stop() {
      await Promise.all([prometheus.stop(), adapter.stop()])
      exporter.closeAllConnections()
      await once(exporter.close(), 'close')
    },
  }
}
