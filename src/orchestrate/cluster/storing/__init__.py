"""What rests in Temporal: values of any size, encrypted where wanted, journals by pages."""
