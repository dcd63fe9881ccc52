import { act, address } from "../../api/client";
import type { Token } from "../../api/project";
import { useSession } from "../../api/session";
import type { Page } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Dialog } from "../../components/Dialog";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { useLiveResource } from "../../live/useLiveResource";
import { clock } from "../../model/times";

const COLUMNS: readonly Column[] = [
  { title: "Token", look: "tight" },
  { title: "May", look: "tight" },
  { title: "Where" },
  { title: "Made", look: "tight" },
  { title: "Ends", look: "tight" },
  { title: "Actions", look: "tight", silent: true },
];

/** Who has a token, and for what. They are made on the command line alone. */
export function TokensPage() {
  const found = useLiveResource<Page<Token>>(address(["tokens"]), "tokens");
  return (
    <>
      <PageHead title="Tokens" />
      <Listing
        title="Tokens"
        bare
        what="tokens"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={<Empty title="There is no token" />}
      >
        {(page) => (
          <Table columns={COLUMNS} folding>
            {page.items.map((one) => (
              <Row key={one.name} token={one} reload={found.reload} />
            ))}
          </Table>
        )}
      </Listing>
      <p className="soft">
        Tokens are made on the project&apos;s machine, where they are shown once:{" "}
        <code>orchestrate token create --name NAME --scope run --expires 90d</code>
      </p>
    </>
  );
}

function Row({ token, reload }: { token: Token; reload: () => void }) {
  const now = useNow(true);
  const session = useSession();
  const mine = session.kind === "in" && session.session.actor === token.name;
  const ends = token.expires_at;
  return (
    <tr>
      <td className="tight">
        {token.name} {mine ? <span className="tag">yours</span> : null}
      </td>
      <td className="tight">
        {token.scopes.map((scope) => (
          <span className="tag" key={scope}>
            {scope}
          </span>
        ))}
      </td>
      <td className="wrapped">
        {token.environments === null ? "every environment" : token.environments.join(", ")}
        {token.playbooks === null ? "" : `; ${token.playbooks.join(", ")}`}
      </td>
      <td className="tight">
        {clock(token.created_at).slice(0, 10)} by {token.created_by}
      </td>
      <td className="tight">
        {ends === null ? (
          <span className="soft">never</span>
        ) : Date.parse(ends) <= now ? (
          <span data-tone="attention">is over</span>
        ) : (
          <Moment at={ends} now={now} />
        )}
      </td>
      <td className="tight">
        <div className="buttons end">
          <AskButton label="Revoke…" about={token.name} look="danger">
            {(close) => (
              <Dialog
                title={`Revoke ${token.name}?`}
                action="Revoke the token"
                danger
                onConfirm={async () => {
                  await act("DELETE", address(["tokens", token.name]));
                  reload();
                }}
                onClose={close}
              >
                <p>
                  Whoever has it is refused from now on, and sessions that began with it end.
                  {mine ? " This session is one of them: you will be signed out." : ""} It cannot be
                  undone; another token can be made.
                </p>
              </Dialog>
            )}
          </AskButton>
        </div>
      </td>
    </tr>
  );
}
