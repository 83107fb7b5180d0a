import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { chromium } from 'playwright-core'
import t from 'tap'
import { EDGE_OPERATION_NAMES, REST_ROUTES } from '#subjects/operations.ts'
import { openApiDocument } from '../../../services/edge/rest/openapi-document.ts'
import { openBus } from '../../support/bus.ts'
import { findChromium } from '../../support/find-chromium.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { ROOT } from '../../support/source-files.ts'
import { openRest } from '../edge-fixture.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await Promise.all([
  startService(t, servers, 'services/agents/video-agents.ts'),
  startService(t, servers, 'loadtest/bench/noop-agents.ts'),
  startService(t, servers, 'services/edge/main.ts'),
])
const bus = await openBus(t, servers.natsUrl)
const { url, routes } = await openRest(t, bus)

t.test('docs/openapi.json is what the sources give: npm run docs', async (t) => {
  t.strictSame(
    JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')),
    JSON.parse(JSON.stringify(openApiDocument())),
  )
})

t.test('every route is in the document, and every entry is served', async (t) => {
  const served = routes
    .filter(({ operation }) => operation !== undefined)
    .map(
      ({ method, url, operation }) =>
        `${method} ${url.replace(/:(\w+)/g, '{$1}').replace('*', '{key}')} ${operation}`,
    )
  const told = REST_ROUTES.map(({ method, path, operation }) => `${method} ${path} ${operation}`)
  t.strictSame(served.toSorted(), told.toSorted())
  t.strictSame(
    EDGE_OPERATION_NAMES.filter((operation) => !REST_ROUTES.some((route) => route.operation === operation)),
    [],
    'every operation has a route',
  )
})

t.test(
  'the document holds together: references lead somewhere, ids are alone, path parameters are declared',
  async (t) => {
    const document = JSON.parse(JSON.stringify(openApiDocument()))
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    )
    t.ok(references.length > 20)
    for (const name of new Set(references)) t.ok(document.components.schemas[name], name)
    const operations = Object.entries(
      document.paths as Record<
        string,
        Record<
          string,
          { operationId: string; parameters?: { name: string; in: string }[]; responses: object }
        >
      >,
    ).flatMap(([path, methods]) => Object.values(methods).map((operation) => ({ path, ...operation })))
    t.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    for (const { path, parameters = [], responses } of operations) {
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      t.strictSame(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        wanted,
        path,
      )
      t.ok(
        Object.keys(responses).some((code) => code.startsWith('2')),
        path,
      )
    }
  },
)

t.test('real answers are what the document says', async (t) => {
  const document = JSON.parse(JSON.stringify(openApiDocument()))
  const ajv = new Ajv2020({ strict: false, validateSchema: true })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema({ $id: 'api', components: document.components })
  const check = (path: string, method: string, status: number, type: string, body: unknown) => {
    const schema = document.paths[path][method].responses[status]?.content?.[type]?.schema
    t.ok(schema, `${method} ${path} ${status} ${type}`)
    const validate = ajv.compile(
      JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'api#/components')),
    )
    t.ok(validate(body), `${path}: ${JSON.stringify(validate.errors)}`)
  }
  const { example } = document.paths['/v1/tasks'].post.requestBody.content['application/json']
  const post = (path: string, body: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const submission = { ...example, plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] } }
  const done = await post('/v1/tasks?wait=20', submission)
  const receipt = await done.json()
  check('/v1/tasks', 'post', 200, 'application/json', receipt)
  check('/v1/plans', 'post', 200, 'application/json', await (await post('/v1/plans', submission)).json())
  const problem = await post('/v1/tasks', example)
  check('/v1/tasks', 'post', 400, 'application/problem+json', await problem.json())
  for (const [path, real] of [
    ['/v1/tasks', '/v1/tasks'],
    ['/v1/tasks/{id}', `/v1/tasks/${(receipt as { taskId: string }).taskId}`],
    ['/v1/agents', '/v1/agents'],
    ['/v1/alerts', '/v1/alerts'],
    ['/v1/status', '/v1/status'],
  ] as const)
    check(path, 'get', 200, 'application/json', await (await fetch(`${url}${real}`)).json())
})

const program = await findChromium()
t.test(
  'the page shows every operation, bright and dark, and asks nobody else',
  { skip: program ? false : 'there is no Chromium' },
  async (t) => {
    const browser = await chromium.launch({ executablePath: program!, args: ['--no-sandbox'] })
    t.teardown(() => browser.close())
    const page = await browser.newPage({ viewport: { width: 1100, height: 1400 } })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on(
      'request',
      (request) =>
        request.url().startsWith(url) || request.url().startsWith('data:') || faults.push(request.url()),
    )
    await page.goto(`${url}/docs`)
    await page.waitForSelector('.opblock')
    t.equal(await page.locator('.opblock').count(), REST_ROUTES.length)
    await page.locator('.opblock-summary').first().click()
    await page.waitForSelector('.opblock-body')
    // The scheme is the style sheet's alone: the page needs no second start to be shown in the other one.
    const grounds = new Set<unknown>()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      grounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'))
      t.strictSame(faults, [], colorScheme)
      const folder = process.env.MURMUR_TEST_SCREENSHOTS
      if (folder) await page.screenshot({ path: join(folder, `api-${colorScheme}.png`) })
    }
    t.equal(grounds.size, 2, 'each scheme has a ground of its own')
  },
)
