import { Link } from 'wouter'
import { EmptyState } from '../components/empty-state.tsx'
import { PageHeader } from '../components/page-header.tsx'

export default function NotFound({ path }: { path: string }) {
  return (
    <div className="page">
      <PageHeader title="There is no such page" />
      <EmptyState title="Nothing is shown here" icon="search">
        There is nothing at <code>{path}</code>. <Link href="/tasks">All tasks</Link>
      </EmptyState>
    </div>
  )
}
