export type NoticeView = {
  id: string
  title: string
  href: string | null
  /** ISO 8601 */
  at: string
  isRead: boolean
}
