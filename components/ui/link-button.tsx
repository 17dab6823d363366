import type { ReactNode } from 'react'
import { AppLink } from './app-link.tsx'
import { buttonClass, type ButtonVariant } from './button-class.ts'

type Props = {
  href: string
  children: ReactNode
  variant?: ButtonVariant | undefined
  /** A drawing of 18 pixels. */
  icon?: ReactNode
}

/** A link that looks like a button because it starts the next step. */
export function LinkButton({ href, children, variant = 'primary', icon }: Props) {
  return (
    <AppLink href={href} className={buttonClass(variant)}>
      {icon}
      {children}
    </AppLink>
  )
}
