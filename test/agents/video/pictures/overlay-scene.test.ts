import t from 'tap'
import { objectLabel } from '../../../../services/agents/video/pictures/overlay-scene.ts'

t.test('what an object is called', async (t) => {
  t.equal(objectLabel({ id: 3, label: 'person', score: 0.826 }), 'person 3 · 83 %')
  t.equal(objectLabel({ label: 'car', score: 1 }), 'car · 100 %')
})
