import t from 'tap'
import { ROOT } from '../support/source-files.ts'
import { groupTestFiles } from './group-test-files.ts'
import { orderGroups, slotsOf } from './order-groups.ts'
import { findTestFiles } from './test-runner.ts'

const VIDEO = 'test/integration/video-scenes.test.ts'
const LONG = 'test/edge/hostile.test.ts'
const OTHER = 'test/platform/tls.test.ts'

t.test('live video begins first and has the machine almost to itself, the long ones come next', async (t) => {
  t.strictSame(orderGroups([[OTHER], [LONG], [VIDEO]]), [[VIDEO], [LONG], [OTHER]])
  t.equal(slotsOf([VIDEO]), 2)
  t.equal(slotsOf([LONG, OTHER]), 1)
})

t.test('groups that compute stand among those that wait, and none is lost', async (t) => {
  const groups = groupTestFiles(ROOT, findTestFiles(ROOT, []))
  const ordered = orderGroups(groups)
  t.strictSame(ordered.map(String).toSorted(), groups.map(String).toSorted())
  const firstShared = ordered.findIndex(({ length }) => length > 1)
  t.ok(firstShared < 10, `the first group of several is number ${firstShared}`)
})

t.test('every file that takes more slots is there', async (t) => {
  const heavy = findTestFiles(ROOT, []).filter((file) => slotsOf([file]) > 1)
  t.equal(heavy.length, 7)
})
