"""Pictures of playbooks: Mermaid, DOT, SVG, and lines for a terminal."""
