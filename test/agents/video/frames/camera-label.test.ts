import fc from 'fast-check'
import t from 'tap'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { cameraLabel } from '../../../../services/agents/video/frames/camera-label.ts'

t.test(
  'property: two cameras have two names, in metrics and on subjects, whatever tenants call them',
  async (t) => {
    const token = fc.stringMatching(TOKEN_PATTERN)
    const tenant = fc.oneof(fc.constantFrom('default', 'a', 'a-b', 'a_b'), token)
    const camera = fc.oneof(fc.constantFrom('default', 'b', 'b-c', 'yard'), token)
    const names = (one: string, other: string) => [
      cameraLabel(one, other),
      SUBJECTS.frames(one, other),
      SUBJECTS.detections(one, other),
      SUBJECTS.tracks(one, other),
      SUBJECTS.cameraState(one, other),
      SUBJECTS.cameraEvents(one, other),
      SUBJECTS.alert('high', one, other),
      SUBJECTS.alertChange(one, other),
    ]
    fc.assert(
      fc.property(tenant, camera, tenant, camera, (tenantA, cameraA, tenantB, cameraB) => {
        const isSame = tenantA === tenantB && cameraA === cameraB
        const b = names(tenantB, cameraB)
        return names(tenantA, cameraA).every((name, i) => (name === b[i]) === isSame)
      }),
    )
    t.equal(cameraLabel('default', 'yard'), 'yard')
  },
)
