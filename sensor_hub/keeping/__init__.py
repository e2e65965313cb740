"""What becomes of data: copies, exports, how long they are kept, and their erasure."""
