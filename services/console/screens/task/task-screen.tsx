export default function TaskScreen({ params }: { params: Readonly<Record<string, string>> }) {
  return <div className="page">{params.id}</div>
}
