"""What may be asked: items, their import and export, blueprints, and the drawing of papers."""
