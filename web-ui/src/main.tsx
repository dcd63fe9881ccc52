import "./design/tokens.css";
import "./design/page.css";
import "./design/controls.css";
import "./design/data.css";
import "./design/notices.css";
import "./design/tree.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { begin } from "./api/session";
import { App } from "./shell/App";
import { applyTheme } from "./shell/theme";

applyTheme();
void begin();

const element = document.getElementById("console");
if (element !== null) {
  createRoot(element).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
