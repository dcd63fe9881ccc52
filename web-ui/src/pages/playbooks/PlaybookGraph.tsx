import { useState } from "react";

import { address } from "../../api/client";
import type { Graph } from "../../api/pictures";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { GraphView } from "../../graph/GraphView";
import { useLiveResource } from "../../live/useLiveResource";

/** What follows on what in a playbook. */
export function PlaybookGraph({ name }: { name: string }) {
  const where = address(["playbooks", name, "graph"]);
  const found = useLiveResource<Graph>(where, "playbooks");
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Listing
      title="Graph"
      what="the graph"
      found={found}
      isEmpty={(graph) => graph.groups.every((group) => group.figures.length === 0)}
      empty={<Empty title="There is nothing to draw: it has no steps" />}
    >
      {(graph) => (
        <GraphView
          graph={graph}
          label={`Graph of ${name}`}
          look={null}
          selected={chosen}
          focus={null}
          first={nothing}
          onSelect={(box) => {
            setChosen(box.path);
          }}
        />
      )}
    </Listing>
  );
}

function nothing(): null {
  return null;
}
