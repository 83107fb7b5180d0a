import t from 'tap'
import { wantedClasses } from '../../../../services/agents/video/detection/object-classes.ts'

t.test('classes that are persons or vehicles are wanted, whatever else a network names', async (t) => {
  const names = ['constructor', 'person', '__proto__', 'toString', 'truck', 'dog']
  t.strictSame(wantedClasses(names), [
    { index: 1, label: 'person', class: 'person' },
    { index: 4, label: 'truck', class: 'vehicle' },
  ])
})
