import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { startLocalStack } from '../../deploy/local/stack.ts'
import { until } from '../support/until.ts'
import { FIXTURE_AGENTS, MAIN, openIsolatedCliFixture } from './isolated-cli-fixture.ts'

const { env, folder, home, murmur } = openIsolatedCliFixture(t)
const stack = await startLocalStack({ home, agentMains: [FIXTURE_AGENTS] })
t.teardown(() => stack.stop())
const PLAN = { steps: [{ id: 'a', agent: 'echo', input: { name: 'x' } }] }
writeFileSync(join(folder, 'plan.json'), JSON.stringify(PLAN))
writeFileSync(join(folder, 'notes.md'), '# Notes\n')
const edgeUrl = stack.services.find(({ restUrl }) => restUrl !== undefined)?.restUrl ?? ''
for (const [way, named] of [
  ['NATS', {}],
  ['an edge', { MURMUR_EDGE_URL: edgeUrl }],
] as const) {
  const over = (...args: string[]) => murmur(args, { env: named })

  t.test(`plan, status, top over ${way}`, async (t) => {
    const plan = await over('plan', 'plan.json')
    t.match(
      plan.out,
      /^plan {2}1 step in 1 stage, at most 1 at the same time, 15 min 00 s for all\n.*\n {2}○ {2}a/,
    )
    t.match((await over('plan', 'plan.json', '--json')).json(), { stages: [['a']] })
    const refused = await over('plan', '--type', 'no-such')
    t.match({ code: refused.code, err: refused.err }, { code: 2, err: /UNKNOWN_TASK_TYPE/ })
    t.match((await over('status')).out, /^accepted \S+\/s {2}ended[\s\S]* echo +0 +0 +1 +0\/4/)
    t.match((await over('status', '--json')).json(), { v: 1, queues: Object, serviceLevels: Object })
    const child = spawn(process.execPath, [MAIN, 'top', '--every', '100ms'], {
      cwd: folder,
      env: { ...env, ...named },
    })
    const ended = new Promise((resolve) => child.on('exit', resolve))
    let out = ''
    for await (const chunk of child.stdout) {
      out += String(chunk)
      if (out.split('\n').length > 3) child.kill('SIGINT')
    }
    t.equal(await ended, 0)
    t.match(out, /^\d\d:\d\d:\d\d {2}accepted .* · \d+ active · steps 0 waiting, 0 in work\n/)
  })

  t.test(`an instance is drained and let go on over ${way}`, async (t) => {
    const { agents } = (await over('agents', '--json')).json() as {
      agents: { type: string; instance: string }[]
    }
    const { instance } = agents.find(({ type }) => type === 'echo')!
    const drained = await over('agents', 'drain', instance, '--reason', 'more memory', '--wait', '30s')
    t.match(drained, { code: 0, err: /is drained: it can be stopped/ })
    const listed = await over('agents')
    t.match(listed.out, new RegExp(`echo .* drained .*${instance}`))
    t.match(listed.err, new RegExp(`1 instance drained[^]*${instance} of echo, for .*: more memory`))
    t.match((await over('status')).out, / echo .* 1, 1 drained /)
    t.match(await over('agents', 'drain', 'nobody'), { code: 3, err: /INSTANCE_NOT_FOUND/ })
    t.match((await over('agents', 'undrain', instance, '--json')).json(), {
      agent: 'echo',
      instance,
      drain: false,
    })
    await until('it takes steps', async () => !/ drained /.test((await over('agents')).out))
  })

  t.test(`queues over ${way}`, async (t) => {
    const { queues } = (await over('queues', '--json')).json() as { queues: { agent: string }[] }
    t.ok(queues.length > 0)
    t.match((await over('queues')).out, new RegExp(`agent +held +queued[^]*${queues[0]!.agent} +\\d+ +\\d+`))
  })

  t.test(`partitions over ${way}`, async (t) => {
    const { partitions } = (await over('partitions', '--json')).json() as { partitions: number }
    t.match(
      (await over('partitions')).out,
      new RegExp(`p0 to p${partitions - 1} +${partitions} +\\d+ +new tasks go here`),
    )
    t.match((await over('partitions', 'grow', '--to', String(partitions), '--json')).json(), { partitions })
    const dry = await over('partitions', 'grow', '--to', String(2 * partitions), '--dry-run')
    t.match(dry.out, new RegExp(`p${partitions} to p${3 * partitions - 1} +.*new tasks go here in`))
    t.match(await over('partitions', 'grow', '--to', '1'), { code: 2, err: /INVALID_REQUEST/ })
    t.equal((await over('partitions', 'grow', '--to', '257')).code, 2)
    t.equal((await over('partitions', 'grow')).code, 2)
  })

  t.test(`templates over ${way}`, async (t) => {
    const name = `tpl-${way.replace(' ', '-')}`
    const template = (description: string) =>
      JSON.stringify({
        name,
        description,
        parameters: { who: { type: 'string', default: 'x' } },
        plan: { steps: [{ id: 'a', agent: 'echo', input: { name: { $from: 'input.who' } } }] },
      })
    writeFileSync(join(folder, 'template.json'), template('One.'))
    t.match(await over('templates', 'put', 'template.json'), { code: 0, out: `${name}@1\n` })
    t.match((await over('templates', 'put', 'template.json')).err, /Nothing new/)
    const conflict = await over('templates', 'put', 'template.json', '--description', 'Two.', '--expect', '5')
    t.match(conflict, { code: 5, err: /TEMPLATE_CONFLICT/ })
    t.equal(
      (await over('templates', 'put', 'template.json', '--description', 'Two.', '--expect', '2')).code,
      0,
    )
    t.equal((await over('templates', 'put', 'plan.json', '--name', `${name}-bare`)).code, 0)
    t.match((await over('templates')).out, new RegExp(`${name} +2 +2 .*Two\\.\\n *${name}-bare +1 +1`))
    t.match((await over('templates', 'list', '--limit', '1', '--json')).json(), { templates: [{}] })
    t.match((await over('templates', 'show', name)).out, /@2 {2}1 step.*\nTwo\./)
    t.match((await over('templates', 'show', `${name}@1`, '--json')).json(), {
      template: { version: 1, description: 'One.' },
      versions: [{ version: 2 }, { version: 1 }],
    })
    t.match((await over('templates', 'diff', name)).out, /-.*One\.[\s\S]*\+.*Two\./)
    t.match((await over('templates', 'diff', `${name}@2`, `${name}@1`, '--json')).json(), {
      from: `${name}@2`,
      to: `${name}@1`,
      lines: [{ kind: 'removed' }, { kind: 'added' }],
    })
    const made = await over(
      'submit',
      '--template',
      `${name}@1`,
      '--input',
      '{"who": "y"}',
      '--wait',
      '--json',
    )
    t.match(made.json(), { task: { status: 'completed', template: `${name}@1`, input: { who: 'y' } } })
    const { taskId } = made.json() as { taskId: string }
    t.match((await over('show', taskId)).out, new RegExp(`^${name}@1 {2}`))
    t.match((await over('plan', '--template', name, '--json')).json(), { template: `${name}@2` })
    t.match(await over('templates', 'delete', name), { code: 2, err: /which version/ })
    t.match((await over('templates', 'delete', `${name}@1`, '--json')).json(), { name, versions: [1] })
    t.equal((await over('templates', 'delete', name, '--all')).code, 0)
    t.match(await over('templates', 'show', name), { code: 3, err: /TEMPLATE_NOT_FOUND/ })
  })

  t.test(`upload and download over ${way}`, async (t) => {
    writeFileSync(join(folder, 'up.csv'), 'x,y\n1,2\n')
    const uploaded = await over('upload', 'up.csv', 'notes.md', '--json')
    const [csv, notes] = uploaded.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { object: { blob: string } }).object)
    t.match([csv, notes], [{ name: 'up.csv', contentType: 'text/csv', size: 8 }, { name: 'notes.md' }])
    const taken = await over('download', csv!.blob)
    t.match({ code: taken.code, err: taken.err }, { code: 5, err: /FILE_EXISTS: .*up\.csv is there already/ })
    const down = await over('download', csv!.blob, '--out', 'new/down.csv', '--json')
    t.match(down.json(), { file: join(folder, 'new/down.csv'), size: 8, contentType: 'text/csv' })
    t.equal(readFileSync(join(folder, 'new/down.csv'), 'utf8'), 'x,y\n1,2\n')
    const again = await over('download', notes!.blob, '--out', 'new/down.csv', '--force')
    t.equal(again.code, 0)
    t.equal(readFileSync(join(folder, 'new/down.csv'), 'utf8'), '# Notes\n')
    t.strictSame(readdirSync(join(folder, 'new')), ['down.csv'], 'nothing half is left')
    rmSync(join(folder, 'new'), { recursive: true })
    t.equal((await over('download', 'uploads/nope')).code, 3)
  })

  t.test(`submit, watch, report, list over ${way}`, async (t) => {
    const waited = await over('submit', 'plan.json', '--wait', '--label', `way=${way}`)
    t.match(waited.out, /plan {2}\S+ {2}completed {2}1 of 1 step[\s\S]*✓ {2}a +echo/)
    const listed = await over('list', '--label', `way=${way}`, '--since', '5m', '--json')
    t.match(listed.json(), { tasks: [{ status: 'completed', labels: { way } }] })
    t.strictSame((await over('list', '--before', '2020-01-01', '--json')).json(), { tasks: [] })
    const made = await over('report', 'notes.md', '--out', `of ${way}`, '--json')
    t.match(made.json(), { status: 'completed', files: { html: join(folder, `of ${way}/report.html`) } })
    const page = await over('list', '--limit', '1')
    const [, cursor = ''] = /--cursor (\S+)/.exec(page.err) ?? []
    t.match((await over('list', '--limit', '1', '--cursor', cursor)).out, /task +type/)
    const { taskId: reportId } = made.json() as { taskId: string }
    t.match((await over('artifacts', reportId)).out, /html +36 B +text\/html +\/html +tasks\//)
    const fetched = await over('artifacts', reportId, '--out', `files of ${way}`, '--json')
    const { files } = fetched.json() as { files: string[] }
    t.equal(files.length, 2)
    t.ok(files.some((file) => readFileSync(file, 'utf8').startsWith('<!doctype html>')))
    t.equal((await over('artifacts', reportId, '--out', `files of ${way}`)).code, 5)

    const taskId = (listed.json().tasks as { id: string }[])[0]!.id
    const words = await over('complete', '--', 'show', taskId.slice(0, 6))
    t.match(words.out, `${taskId}\tplan completed`)
  })

  t.test(`schedules over ${way}`, async (t) => {
    const name = `nightly-${way === 'NATS' ? 'nats' : 'edge'}`
    const daily = ['--cron', '30 2 * * *', '--timezone', 'Europe/Berlin']
    const policies = ['--overlap', 'queue', '--catch-up', 'all', '--catch-up-window', '1h', '--jitter', '5s']
    const put = await over('schedules', 'put', name, 'plan.json', ...daily, ...policies, '--label', 'a=b')
    t.match(put, { code: 0, err: new RegExp(`Schedule ${name} made`) })
    t.match(put.out, /when +30 2 \* \* \* Europe\/Berlin[\s\S]*overlap +queue[\s\S]*next runs +in UTC/)
    const shown = await over('schedules', 'show', name, '--json')
    t.match(shown.json(), {
      schedule: {
        name,
        cron: '30 2 * * *',
        overlap: 'queue',
        catchUp: { policy: 'all', windowMs: 3_600_000, maxRuns: 10 },
        jitterMs: 5000,
        submission: { type: 'plan', labels: { a: 'b' } },
        counts: { started: 0 },
      },
    })
    t.match((await over('schedules')).out, new RegExp(`schedule +when[\\s\\S]*${name} +30 2 .*active`))
    t.match((await over('schedules', 'list', '--json')).json(), { schedules: Array })
    const started = await over('schedules', 'trigger', name, '--request-id', 'x', '--json')
    const { taskId } = started.json() as { taskId: string }
    t.equal((await over('watch', taskId)).code, 0)
    t.match((await over('schedules', 'trigger', name, '--request-id', 'x', '--json')).json(), {
      taskId,
      duplicate: true,
    })
    t.match((await over('list', '--label', `murmur.schedule=${name}`, '--json')).json(), {
      tasks: [{ id: taskId }],
    })
    const paused = await over('schedules', 'pause', name, '--reason', 'moving the data')
    t.match(paused.out, /state +paused .* ago: moving the data/)
    t.match((await over('schedules', 'resume', name)).out, /state +active/)
    t.match((await over('schedules', 'next', name, '--count', '1', '--json')).json(), {
      nextRuns: [{ atMs: Number, local: /T02:30:00\+0[12]:00$/ }],
    })
    const next = await over('schedules', 'next', '--every', '15m', '--count', '2')
    t.match(next.out, /next runs[\s\S]*\+00:00[\s\S]*\+00:00/)
    t.match(await over('schedules', 'next', '--cron', '0 0 30 2 *'), { code: 0, err: /never run/ })
    const wrong = await over('schedules', 'put', name, 'plan.json', '--cron', '61 * * * *')
    t.match(wrong, { code: 2, err: /cron: .*61[\s\S]*✗ INVALID_SCHEDULE: .*\n {2}→ .*murmur schedules next/ })
    writeFileSync(
      join(folder, 'whole.json'),
      JSON.stringify({ everyMs: 60_000, overlap: 'allow', submission: { type: 'plan', plan: PLAN } }),
    )
    const whole = await over('schedules', 'put', name, 'whole.json', '--every', '2h', '--paused', '--json')
    t.match(whole.json(), {
      created: false,
      schedule: { everyMs: 7_200_000, overlap: 'allow', paused: { atMs: Number } },
    })
    t.match((await over('complete', '--', 'schedules', 'show', name.slice(0, 3))).out, `${name}\tevery`)
    t.match((await over('schedules', 'delete', name, '--json')).json(), { name, deleted: true })
    t.match(await over('schedules', 'show', name), { code: 3, err: /SCHEDULE_NOT_FOUND/ })
  })
}

for (const [way, named] of [
  ['NATS', {}],
  ['an edge', { MURMUR_EDGE_URL: edgeUrl }],
] as const) {
  const over = (...args: string[]) => murmur(args, { env: named })
  const submitted = async (plan: object, ...more: string[]) => {
    writeFileSync(join(folder, 'controls.json'), JSON.stringify(plan))
    return (await over('submit', 'controls.json', ...more)).out.trim()
  }
  const stepOf = async (id: string, step: string) => {
    const { task } = (await over('show', id, '--json')).json() as { task: TaskState }
    return task.steps[step]!
  }

  t.test(`singleton and debounce over ${way}`, async (t) => {
    const wait = { steps: [{ id: 'wait', sleep: { ms: 600_000 } }] }
    const key = `key of ${way}`
    const id = await submitted(wait, '--singleton', key)
    const refused = await over('submit', 'controls.json', '--singleton', key)
    t.equal(refused.code, 2)
    t.match(refused.err, new RegExp(`SINGLETON_CONFLICT[\\s\\S]*${id}`))
    const planned = await over('plan', 'controls.json', '--singleton', key, '--on-conflict', 'replace')
    t.match(planned.out, new RegExp(`By its key: task ${id} has the key .* would be cancelled`))
    const existing = await over(
      'submit',
      'controls.json',
      '--singleton',
      key,
      '--on-conflict',
      'return-existing',
    )
    t.equal(existing.out.trim(), id)
    t.match(existing.err, /has the key/)
    const next = await over('submit', 'controls.json', '--singleton', key, '--on-conflict', 'replace')
    t.match(next.err, new RegExp(`when task ${id} is over`))
    const debounce = ['--debounce', key, '--debounce-delay', '1h', '--debounce-max', '2h']
    const opened = await submitted(wait, ...debounce)
    const merged = await over('submit', 'controls.json', ...debounce, '--json')
    t.match(merged.json(), { taskId: opened, merged: true, startsAtMs: Number })
    for (const one of [next.out.trim(), opened]) t.equal((await over('cancel', one)).code, 0)
  })

  t.test(`inbox, approve, reject over ${way}`, async (t) => {
    const form = [{ name: 'amount', type: 'number', required: true }]
    const ask = {
      id: 'ask',
      approval: { title: 'Pay?', subject: { to: 'ACME' }, editable: true, form, assignees: [way] },
    }
    const id = await submitted({ steps: [ask] })
    await until('it asks', async () => (await stepOf(id, 'ask')).status === 'awaiting-approval')
    const inbox = await over('inbox', '--for', way, '--task', id)
    t.match(inbox.out, /task +step[\s\S]* ask [\s\S]*Pay\?[\s\S]*"to": "ACME"[\s\S]*amount: number, required/)
    t.match((await over('inbox', '--task', id, '--json')).json(), {
      approvals: [{ taskId: id, stepId: 'ask' }],
    })
    t.match(await over('inbox', '--task', id, '--for', 'nobody'), { code: 0, err: /Nothing waits/ })
    t.match((await over('show', id)).out, /awaits approval: Pay\?/)
    t.match(await over('approve', id, 'ask', '--value', 'amount=much'), {
      code: 2,
      err: /values\.amount: has to be a number/,
    })
    writeFileSync(join(folder, 'subject.json'), '{"to":"us"}')
    const yes = [
      'approve',
      id,
      'ask',
      '--value',
      'amount=42',
      '--subject',
      '@subject.json',
      '--comment',
      'fine',
    ]
    t.match(await over(...yes), { code: 0, err: /is approved/ })
    t.match(await over('watch', id, '--json'), { code: 0 })
    const { output } = await stepOf(id, 'ask')
    t.match(output, { decision: 'approved', values: { amount: 42 }, subject: { to: 'us' }, comment: 'fine' })
    t.equal((output as { by: string }).by, way === 'NATS' ? userInfo().username : 'anonymous')
    t.equal((await over('approve', id, 'ask')).code, 5)
    const other = await submitted({ steps: [ask] })
    await until('it asks', async () => (await stepOf(other, 'ask')).status === 'awaiting-approval')
    t.match((await over('reject', other, 'ask', '--comment', 'no', '--json')).json(), { accepted: true })
    t.match(await over('watch', other), { code: 1, err: /APPROVAL_REJECTED/ })
  })

  t.test(`types of tasks that are paused over ${way}`, async (t) => {
    const name = `paused-${way.replace(' ', '-')}`
    t.match((await over('tasks', 'paused-types')).err, /No type of tasks is paused/)
    t.match(await over('tasks', 'pause-type', name, '--reason', 'lunch'), {
      code: 0,
      err: /take no new steps/,
    })
    t.match((await over('tasks', 'paused-types')).out, new RegExp(`${name} +0 +.* +lunch`))
    t.match((await over('tasks', 'paused-types', '--json')).json(), {
      paused: [{ name, reason: 'lunch', waiting: 0 }],
    })
    t.match((await over('tasks', 'resume-type', name, '--json')).json(), { name, paused: false })
    t.equal((await over('tasks', 'pause-type', 'a.b')).code, 2)
  })

  t.test(`signal, pause, resume, retry, tasks over ${way}`, async (t) => {
    const failing = { id: 'b', needs: ['a'], agent: 'echo', input: { $from: 'input' } }
    const waits = { id: 'a', waitFor: { signal: 'go' } }
    const plan = { type: 'plan', plan: { steps: [waits, failing] }, input: { failWith: 'told' } }
    const id = await submitted(plan, '--label', `many=${way}`)
    await until('it waits', async () => (await stepOf(id, 'a')).status === 'awaiting-signal')
    t.match((await over('show', id)).out, /awaits signal go/)
    t.match(await over('pause', id, '--reason', 'lunch'), { code: 0, err: /pauses/ })
    await until('it is paused', async () => /paused \(lunch\)/.test((await over('show', id)).out))
    t.equal((await over('pause', id)).code, 5)
    t.match(await over('tasks', 'resume', '--label', `many=${way}`, '--dry-run'), {
      code: 0,
      out: /paused +planned/,
      err: /1 would be changed/,
    })
    t.match((await over('resume', id, '--json')).json(), { taskId: id, accepted: true })
    t.match((await over('signal', id, 'go', '--payload', '{"n":1}', '--id', 's1', '--json')).json(), {
      id: 's1',
    })
    t.equal((await over('watch', id)).code, 1)
    t.equal((await over('signal', id, 'go')).code, 5)
    const retried = await over('retry', id, '--input', '{"x":1}', '--request-id', 'r1')
    t.match(retried, { code: 0, err: /with 1 result kept/ })
    const newId = retried.out.trim()
    t.match(await over('watch', newId), { code: 0, out: new RegExp(`kept from ${id}`) })
    t.match((await over('show', newId)).out, /Instances\n {2}b {2}taken by \S+ \(pull\)/)
    t.match((await over('retry', id, '--input', '{"x":1}', '--request-id', 'r1', '--json')).json(), {
      taskId: newId,
      duplicate: true,
      kept: ['a'],
    })
    t.match((await over('retry', newId, '--from', 'b', '--json')).json(), { retryOf: newId, kept: ['a'] })
    t.equal((await over('retry', newId, '--from', 'zz')).code, 2)
    const many = await over('tasks', 'retry', id, 'tnone', '--json')
    t.equal(many.code, 1)
    t.match(many.json(), {
      count: 1,
      failed: 1,
      results: [
        { taskId: id, status: 'failed', outcome: 'done' },
        { taskId: 'tnone', outcome: 'failed', problem: { code: 'TASK_NOT_FOUND' } },
      ],
    })
    const open = await Promise.all([1, 2].map(() => submitted({ steps: [waits] }, '--label', `open=${way}`)))
    await Promise.all(
      open.map((one) => until('it waits', async () => (await stepOf(one, 'a')).status === 'awaiting-signal')),
    )
    t.match(await over('tasks', 'cancel', '--text', `OPEN:${way}`, '--dry-run'), {
      code: 0,
      err: /2 would be changed/,
    })
    const ended = await over('tasks', 'cancel', '--label', `open=${way}`, '--reason', 'enough')
    t.match(ended, { code: 0, out: /running +done/, err: /2 changed/ })
  })
}

t.test('keys and tenants are a matter of NATS', async (t) => {
  t.strictSame((await murmur(['list', '--tenant', 'acme', '--json'])).json(), { tasks: [] })
  const wrong = await murmur(['list', '--tenant', 'acme'], { env: { MURMUR_EDGE_URL: edgeUrl } })
  t.match({ code: wrong.code, err: wrong.err }, { code: 2, err: /the tenant is that of the credential/ })
  const refused = await murmur(['keys', 'list'], { env: { MURMUR_EDGE_URL: edgeUrl } })
  t.match({ code: refused.code, err: refused.err }, { code: 2, err: /keys are made and revoked on NATS/ })
  t.equal(
    (await murmur(['keys', 'list', '--nats', stack.natsUrl], { env: { MURMUR_EDGE_URL: edgeUrl } })).code,
    0,
  )
})
