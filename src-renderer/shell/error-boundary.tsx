import { Component, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/states.tsx";

type Props = {
  children: ReactNode;
  /** A change of it tries again: the path, for a page. */
  resetOn?: string;
};

type State = { error: unknown; failed: boolean; resetOn: string | undefined };

/** A page that broke does not take the frame with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, failed: false, resetOn: this.props.resetOn };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error, failed: true };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetOn === state.resetOn ? null : { error: null, failed: false, resetOn: props.resetOn };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const { error } = this.state;
    return (
      <EmptyState
        actions={
          <>
            <Button variant="primary" onClick={() => this.setState({ error: null, failed: false })}>
              Try again
            </Button>
            <Button onClick={() => location.reload()}>Reload</Button>
          </>
        }
        description={
          <>
            <p>
              A part of the interface met an error it did not expect. The ledger is not touched by it. Try
              again, or reload the page.
            </p>
            <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
          </>
        }
        title="This page broke"
      />
    );
  }
}
