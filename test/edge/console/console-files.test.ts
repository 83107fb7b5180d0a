import t from 'tap'
import { ConsoleFiles, encodingFor } from '../../../services/edge/console/console-files.ts'

t.test('which encoding is taken', async (t) => {
  const both = ['br', 'gzip'] as const
  t.equal(encodingFor('gzip, deflate, br', both), 'br')
  t.equal(encodingFor('gzip;q=0.5, br;q=0', both), 'gzip')
  t.equal(encodingFor('*', both), 'br')
  t.equal(encodingFor(undefined, both), undefined)
  t.equal(encodingFor('br', []), undefined)
})

t.test('without a folder, or in one that is not there, there is nothing', async (t) => {
  t.notOk(await new ConsoleFiles(undefined, () => 0).isThere())
  const files = new ConsoleFiles('/no/such/folder', () => 0)
  t.notOk(await files.isThere())
  t.equal(files.find('index.html'), undefined)
})
