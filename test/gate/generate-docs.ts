import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboardFiles } from '../../deploy/grafana/generator/dashboards.ts'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { evaluationPage } from '../../loadtest/load/evaluation/evaluation-page.ts'
import { readResults } from '../../loadtest/load/evaluation/read-results.ts'
import { openApiTypes } from '../../services/console/build/typed-openapi.ts'
import { buildAsyncApi } from './asyncapi/build-asyncapi.ts'
import { metricsPage } from './metrics-page.ts'

// `npm run docs`: writes what is generated from the sources into docs/, and the dashboards of Grafana. The REST description prints itself, in a process of
// its own, because services are started and not imported here. Tests say when this is due.
const GENERATED = { 'docs/openapi.json': 'services/edge/rest/print-openapi.ts' }

for (const [file, source] of Object.entries(GENERATED)) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(projectRoot, source)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${source}: ${stderr}`)
  writeFileSync(join(projectRoot, file), stdout)
}
const openApi = JSON.parse(readFileSync(join(projectRoot, 'docs/openapi.json'), 'utf8'))
writeFileSync(join(projectRoot, 'services/console/data/api-schema.ts'), openApiTypes(openApi))
writeFileSync(join(projectRoot, 'docs/asyncapi.json'), `${JSON.stringify(buildAsyncApi(), null, 2)}\n`)
writeFileSync(join(projectRoot, 'docs/metrics.md'), metricsPage())
for (const [file, json] of Object.entries(dashboardFiles())) {
  writeFileSync(join(projectRoot, 'deploy/grafana/dashboards', file), json)
}
writeFileSync(join(projectRoot, 'docs/EVALUATION_RESULTS.md'), evaluationPage(readResults()))
