"""What stands behind the pages and the API: each door, answered from the stores."""
